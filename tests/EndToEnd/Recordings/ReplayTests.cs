using System.Text.Json.Nodes;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Recordings;

/// <summary>AWS's own answers are the truth: the inputs that they were recorded of get the same answers here.</summary>
[Collection(EncryptionCollection.Name)]
public sealed class ReplayTests(ServiceFixture service)
{
    private static readonly (string File, IReadOnlyDictionary<string, Func<Replay, Task>> Scripts)[] Files =
    [
        (AwsRecordings.Encryption, All(EncryptionScripts.All, CopyScripts.OfEncryption, BucketEncryptionScripts.OfEncryption, MultipartScripts.OfEncryption)),
        (AwsRecordings.Objects, All(ObjectScripts.All, CopyScripts.OfObjects, BucketEncryptionScripts.OfObjects, MultipartScripts.OfObjects)),
    ];

    public static TheoryData<string, string> Scripts()
    {
        var cases = new TheoryData<string, string>();
        foreach (var (file, scripts) in Files)
            foreach (var test in scripts.Keys) cases.Add(file, test);
        return cases;
    }

    [SkippableTheory]
    [MemberData(nameof(Scripts))]
    public async Task Each_recorded_answer_is_ours(string file, string test)
    {
        var recordings = AwsRecordings.Read(file);
        Skip.If(recordings is null, AwsRecordings.Absent);
        var replay = new Replay(service, await service.NewBucketAsync(), recordings[test]);
        await Files.Single(entry => entry.File == file).Scripts[test](replay);

        Assert.Equal(recordings[test].Select(recording => recording.Key).Order(), replay.Replayed.Order());
    }

    [SkippableFact]
    public void Every_recorded_test_is_replayed()
    {
        foreach (var (file, scripts) in Files)
        {
            var recordings = AwsRecordings.Read(file);
            Skip.If(recordings is null, AwsRecordings.Absent);
            Assert.Equal(recordings.Select(test => test.Key).Order(), scripts.Keys.Order());
        }
    }

    private static Dictionary<string, Func<Replay, Task>> All(params IReadOnlyDictionary<string, Func<Replay, Task>>[] scripts) => scripts.SelectMany(some => some).ToDictionary();
}
