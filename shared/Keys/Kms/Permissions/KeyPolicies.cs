using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Serverless.Access;

namespace Serverless.Keys;

/// <summary>
/// The policies of keys: their own documents, or AWS's for keys that have none. A document is parsed once for a key as it was read from the store;
/// the documents of AWS are spaced as AWS spaces them.
/// </summary>
internal sealed class KeyPolicies
{
    private readonly ConditionalWeakTable<KmsKey, Policy> _parsed = [];
    private readonly ConcurrentDictionary<string, Policy> _defaults = new(StringComparer.Ordinal);

    /// <summary>The policy that a key is judged by.</summary>
    public Policy Of(KmsKey key) => HasDefault(key) ? DefaultOf(key.AccountId) : _parsed.GetValue(key, static key => Policy.ForKey(DocumentOf(key)));

    /// <summary>The policy by which an account's own policies decide.</summary>
    public Policy DefaultOf(string accountId) => _defaults.GetOrAdd(accountId, static id => Policy.ForKey(DefaultDocument(id)));

    /// <summary>Whether a key has the default policy of keys that customers create.</summary>
    public static bool HasDefault(KmsKey key) => key is { Policy: "", Manager: KeyManager.Customer };

    /// <summary>A key's policy as GetKeyPolicy shows it.</summary>
    public static string DocumentOf(KmsKey key) =>
        key.Policy.Length > 0 ? key.Policy
        : HasDefault(key) ? DefaultDocument(key.AccountId)
        : ManagedDocument(key.Region, key.AccountId);

    /// <summary>https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html; the text is the one in https://docs.aws.amazon.com/kms/latest/developerguide/ct-put-key-policy.html.</summary>
    private static string DefaultDocument(string accountId) => $$"""
        {
          "Version" : "2012-10-17",
          "Id" : "key-default-1",
          "Statement" : [ {
            "Sid" : "Enable IAM User Permissions",
            "Effect" : "Allow",
            "Principal" : {
              "AWS" : "arn:aws:iam::{{accountId}}:root"
            },
            "Action" : "kms:*",
            "Resource" : "*"
          } ]
        }
        """;

    /// <summary>The policy of the managed key <c>aws/s3</c>, as GetKeyPolicy shows it in any account.</summary>
    private static string ManagedDocument(string region, string accountId) => $$"""
        {
          "Version" : "2012-10-17",
          "Id" : "auto-s3-2",
          "Statement" : [ {
            "Sid" : "Allow access through S3 for all principals in the account that are authorized to use S3",
            "Effect" : "Allow",
            "Principal" : {
              "AWS" : "*"
            },
            "Action" : [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey" ],
            "Resource" : "*",
            "Condition" : {
              "StringEquals" : {
                "kms:CallerAccount" : "{{accountId}}",
                "kms:ViaService" : "{{ManagedKeys.Service}}.{{region}}.amazonaws.com"
              }
            }
          }, {
            "Sid" : "Allow direct access to key metadata to the account",
            "Effect" : "Allow",
            "Principal" : {
              "AWS" : "arn:aws:iam::{{accountId}}:root"
            },
            "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*" ],
            "Resource" : "*"
          } ]
        }
        """;
}
