namespace Serverless.EndToEnd.Service;

// A collection has a service of its own, so that collections run side by side; the tests of one share its service, one after the other.

/// <summary>What S3 does with objects, whatever their encryption.</summary>
[CollectionDefinition(Name)]
public sealed class ObjectsCollection : ICollectionFixture<ServiceFixture>
{
    public const string Name = "Objects";
}

/// <summary>What the encryption modes, their keys and what is stored are about.</summary>
[CollectionDefinition(Name)]
public sealed class EncryptionCollection : ICollectionFixture<ServiceFixture>
{
    public const string Name = "Encryption";
}

/// <summary>Who may do what.</summary>
[CollectionDefinition(Name)]
public sealed class AccessCollection : ICollectionFixture<ServiceFixture>
{
    public const string Name = "Access";
}

/// <summary>The AWS CLI, which takes its time.</summary>
[CollectionDefinition(Name)]
public sealed class CommandLineCollection : ICollectionFixture<ServiceFixture>
{
    public const string Name = "Command line";
}

/// <summary>What browsers do, and clients that name the bucket in the host.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserCollection : ICollectionFixture<BrowserFixture>
{
    public const string Name = "Browser";
}

/// <summary>A service whose buckets have host names of their own.</summary>
public sealed class BrowserFixture : ServiceFixture
{
    public const string Domain = "s3.example.test";
    public const string OtherDomain = "test";

    protected override (string Name, string? Value)[] Settings => [("S3__Domain", $"{OtherDomain}, {Domain}")];
}

/// <summary>Objects that are uploaded in parts.</summary>
[CollectionDefinition(Name)]
public sealed class UploadsCollection : ICollectionFixture<ServiceFixture>
{
    public const string Name = "Uploads";
}

/// <summary>Objects that are copied, and those that are brought into another mode where they are.</summary>
[CollectionDefinition(Name)]
public sealed class CopiesCollection : ICollectionFixture<ServiceFixture>
{
    public const string Name = "Copies";
}
