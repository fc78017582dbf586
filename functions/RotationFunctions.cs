using Microsoft.Azure.Functions.Worker;
using Serverless.Keys;
using Serverless.Objects.Rotation;

namespace Serverless.Functions;

/// <summary>The scheduled work on keys and data. Each function may be run twice, or cut short, without harm.</summary>
public sealed class RotationFunctions(MasterKeyRotation masterKeys, RootKeyRewrap rootKey, KmsKeySchedule kmsKeys, RewrapPass rewrap, MasterKeyRetirement retirement, UploadReclaim uploads, DataReclaim data)
{
    /// <summary>Looks whether the master key is due, by age or by use, and rotates it.</summary>
    [Function("RotateMasterKey")]
    public Task RotateMasterKey([TimerTrigger("%Rotation__MasterKeySchedule%")] TimerInfo timer, CancellationToken cancellationToken) =>
        masterKeys.RotateIfDueAsync(cancellationToken);

    /// <summary>Brings what is under the root key under its newest version, when its vault has one.</summary>
    [Function("RewrapRootKey")]
    public Task RewrapRootKey([TimerTrigger("%Rotation__RootKeySchedule%")] TimerInfo timer, CancellationToken cancellationToken) =>
        rootKey.RunAsync(cancellationToken);

    /// <summary>Rotates KMS keys that have a schedule, deletes those whose waiting period is over, and imported material that has expired.</summary>
    [Function("RunKeySchedule")]
    public Task RunKeySchedule([TimerTrigger("%Keys__Schedule%")] TimerInfo timer, CancellationToken cancellationToken) =>
        kmsKeys.RunAsync(cancellationToken);

    /// <summary>Brings existing objects' data keys under the current key versions.</summary>
    [Function("RewrapDataKeys")]
    public Task RewrapDataKeys([TimerTrigger("%Rotation__RewrapSchedule%")] TimerInfo timer, CancellationToken cancellationToken) =>
        rewrap.RunAsync(cancellationToken);

    /// <summary>Proves of master key versions that nothing needs them any more, by what the last pass over the objects has found, and destroys them if the policy says so.</summary>
    [Function("RetireMasterKeyVersions")]
    public Task RetireMasterKeyVersions([TimerTrigger("%Rotation__RewrapSchedule%")] TimerInfo timer, CancellationToken cancellationToken) =>
        retirement.RunAsync(cancellationToken);

    /// <summary>Aborts abandoned uploads.</summary>
    [Function("ReclaimUploads")]
    public Task ReclaimUploads([TimerTrigger("%Uploads__ReclaimSchedule%")] TimerInfo timer, CancellationToken cancellationToken) =>
        uploads.RunAsync(cancellationToken);

    /// <summary>Deletes data that belong to no object, and to no upload, any more.</summary>
    [Function("ReclaimData")]
    public Task ReclaimData([TimerTrigger("%Uploads__ReclaimSchedule%")] TimerInfo timer, CancellationToken cancellationToken) =>
        data.RunAsync(cancellationToken);
}
