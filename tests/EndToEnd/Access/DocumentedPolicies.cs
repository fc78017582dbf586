namespace Serverless.EndToEnd.Access;

/// <summary>Bucket policies as AWS's user guide prints them, for the bucket that its examples name.</summary>
internal static class DocumentedPolicies
{
    public const string ExampleBucket = "amzn-s3-demo-bucket";
    public const string ExampleKey = "arn:aws:kms:us-east-1:111122223333:key/01234567-89ab-cdef-0123-456789abcdef";

    /// <summary>https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingServerSideEncryption.html</summary>
    public const string RequireSseS3 = """
        {
          "Version":"2012-10-17",
          "Id": "PutObjectPolicy",
          "Statement": [
            {
              "Sid": "DenyObjectsThatAreNotSSES3",
              "Effect": "Deny",
              "Principal": "*",
              "Action": "s3:PutObject",
              "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*",
              "Condition": {
                "StringNotEquals": {
                  "s3:x-amz-server-side-encryption": "AES256"
                }
              }
            }
           ]
        }
        """;

    /// <summary>https://aws.amazon.com/blogs/security/how-to-prevent-uploads-of-unencrypted-objects-to-amazon-s3/: the pair that most buckets have.</summary>
    public const string DenyUnencryptedUploads = """
        {
            "Version": "2012-10-17",
            "Id": "PutObjPolicy",
            "Statement": [
                  {
                       "Sid": "DenyIncorrectEncryptionHeader",
                       "Effect": "Deny",
                       "Principal": "*",
                       "Action": "s3:PutObject",
                       "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*",
                       "Condition": {
                               "StringNotEquals": {
                                      "s3:x-amz-server-side-encryption": "AES256"
                                }
                       }
                  },
                  {
                       "Sid": "DenyUnEncryptedObjectUploads",
                       "Effect": "Deny",
                       "Principal": "*",
                       "Action": "s3:PutObject",
                       "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*",
                       "Condition": {
                               "Null": {
                                      "s3:x-amz-server-side-encryption": true
                               }
                      }
                  }
            ]
        }
        """;

    /// <summary>https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html#example-bucket-policies-encryption-1</summary>
    public const string RequireSseKms = """
        {
        "Version":"2012-10-17",
        "Id": "PutObjPolicy",
        "Statement": [{
          "Sid": "DenyObjectsThatAreNotSSEKMS",
          "Principal": "*",
          "Effect": "Deny",
          "Action": "s3:PutObject",
          "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*",
          "Condition": {
            "Null": {
              "s3:x-amz-server-side-encryption-aws-kms-key-id": "true"
            }
          }
        }]
        }
        """;

    /// <summary>https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html#example-bucket-policies-encryption-2</summary>
    public const string RequireOneKmsKey = """
        {
        "Version":"2012-10-17",
        "Id": "PutObjPolicy",
        "Statement": [{
          "Sid": "DenyObjectsThatAreNotSSEKMSWithSpecificKey",
          "Principal": "*",
          "Effect": "Deny",
          "Action": "s3:PutObject",
          "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*",
          "Condition": {
            "ArnNotEqualsIfExists": {
              "s3:x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:us-east-1:111122223333:key/01234567-89ab-cdef-0123-456789abcdef"
            }
          }
        }]
        }
        """;

    /// <summary>https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html</summary>
    public const string DenySseC = """
        {
            "Version":"2012-10-17",
            "Id": "PutObjectPolicy",
            "Statement": [
                {
                    "Sid": "RestrictSSECObjectUploads",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:PutObject",
                    "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*",
                    "Condition": {
                        "Null": {
                            "s3:x-amz-server-side-encryption-customer-algorithm": "false"
                        }
                    }
                }
            ]
        }
        """;

    /// <summary>https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html</summary>
    public const string RequireSseC = """
        {
            "Version":"2012-10-17",
            "Id": "PutObjectPolicy",
            "Statement": [
                {
                    "Sid": "RequireSSECObjectUploads",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:PutObject",
                    "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*",
                    "Condition": {
                        "Null": {
                            "s3:x-amz-server-side-encryption-customer-algorithm": "true"
                        }
                    }
                }
            ]
        }
        """;

    /// <summary>https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html#example-bucket-policies-HTTP-HTTPS</summary>
    public const string RequireTls = """
        {
            "Version":"2012-10-17",
            "Statement": [{
                "Sid": "RestrictToTLSRequestsOnly",
                "Action": "s3:*",
                "Effect": "Deny",
                "Resource": [
                    "arn:aws:s3:::amzn-s3-demo-bucket",
                    "arn:aws:s3:::amzn-s3-demo-bucket/*"
                ],
                "Condition": {
                    "Bool": {
                        "aws:SecureTransport": "false"
                    }
                },
                "Principal": "*"
            }]
        }
        """;

    /// <summary>https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteAccessPermissionsReqd.html</summary>
    public const string PublicRead = """
        {
            "Version":"2012-10-17",
            "Statement": [
                {
                    "Sid": "PublicReadGetObject",
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": [
                        "s3:GetObject"
                    ],
                    "Resource": [
                        "arn:aws:s3:::amzn-s3-demo-bucket/*"
                    ]
                }
            ]
        }
        """;

    /// <summary>https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html</summary>
    public const string RequireIfNoneMatch = """
        {
          "Version":"2012-10-17",
          "Statement": [
            {
              "Sid": "MustUseIfNoneMatch",
              "Effect": "Deny",
              "Principal": "*",
              "Action": "s3:PutObject",
              "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*",
              "Condition": {
                "Null": { "s3:if-none-match": "true" },
                "Bool": { "s3:ObjectCreationOperation": "true" }
              }
            }
          ]
        }
        """;

    public static string For(string policy, string bucket, string key = ExampleKey) =>
        policy.Replace(ExampleBucket, bucket, StringComparison.Ordinal).Replace(ExampleKey, key, StringComparison.Ordinal);
}
