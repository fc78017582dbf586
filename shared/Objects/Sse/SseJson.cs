using System.Text.Json.Serialization;

namespace Serverless.Objects.Sse;

[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSourceGenerationOptions(AllowDuplicateProperties = false)]
internal sealed partial class SseJson : JsonSerializerContext;
