using System.Security.Cryptography.X509Certificates;
using Amazon.Runtime;
using HttpClientFactory = Amazon.Runtime.HttpClientFactory;

namespace Serverless.EndToEnd.Clients;

/// <summary>Makes the AWS SDK's clients trust the development authority and no other.</summary>
internal sealed class DevelopmentTrust(string authorityFile) : HttpClientFactory
{
    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => RawClient.NewHttpClient(authorityFile);

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

    public static X509ChainPolicy Policy(string authorityFile)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(authorityFile);
        return policy;
    }
}
