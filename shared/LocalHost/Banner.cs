using Microsoft.Extensions.Configuration;

namespace Serverless.LocalHost;

/// <summary>What the console shows once requests are served: where, with which key, and commands that work in bash as they are printed.</summary>
internal static class Banner
{
    public static string Text(Uri http, Uri https, LocalMachine machine, IConfiguration settings)
    {
        var region = settings["Service:Region"] is { Length: > 0 } configured ? configured : "us-east-1";
        var key = machine.AccessKey;
        var secret = key.Secret is null ? "" : $" AWS_SECRET_ACCESS_KEY={key.Secret}";
        var aws = $"aws --endpoint-url {http.AbsoluteUri.TrimEnd('/')}";
        return $"""

            S3 endpoint        {http.AbsoluteUri.TrimEnd('/')}
                               {https.AbsoluteUri.TrimEnd('/')}
            Access key id      {key.Id}
            Secret access key  {key.Secret ?? "(the setting Access__RootSecretAccessKey)"}
            CA for https       {machine.AuthorityFile}

            Try it in another terminal, in the project's folder:

            export AWS_ACCESS_KEY_ID={key.Id}{secret} AWS_DEFAULT_REGION={region}
            {aws} s3api create-bucket --bucket demo{(region == "us-east-1" ? "" : $" --create-bucket-configuration LocationConstraint={region}")}
            {aws} s3 cp README.md s3://demo/ --sse AES256
            {aws} s3api head-object --bucket demo --key README.md

            Ctrl-C stops everything.
            """;
    }
}
