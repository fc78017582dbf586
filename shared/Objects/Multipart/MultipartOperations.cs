namespace Serverless.Objects.Multipart;

/// <summary>The operations of multipart uploads.</summary>
public sealed record MultipartOperations(CreateMultipartUpload Create, UploadPart UploadPart, UploadPartCopy UploadPartCopy, ListParts ListParts, ListMultipartUploads ListUploads,
    CompleteMultipartUpload Complete, AbortMultipartUpload Abort);
