using System.Text;
using Microsoft.AspNetCore.Http;

namespace Serverless.Objects.Api;

/// <summary>
/// Keeps a client company whose answer takes long, as S3 does (API_CopyObject.html): after a while the answer begins with 200, and white space is sent until the document
/// follows, which may be an error's by then. Clients and proxies that give up on a silent connection do not, nor does the Functions host, which cuts it after 240 s.
/// </summary>
public sealed class SlowAnswer(TimeProvider time)
{
    /// <summary>How long nothing is sent: below the read timeout of every SDK, and long enough for most failures to get a status of their own.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    private static readonly byte[] Declaration = Encoding.UTF8.GetBytes("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");

    /// <summary>Whether the answer has begun in this way, so that only an element may follow: <see cref="S3Xml"/> writes it.</summary>
    public static bool HasBegun(HttpContext http) => http.Features.Get<SlowAnswer>() is not null;

    /// <summary>Waits for what is answered. The answer's headers must be set.</summary>
    public async Task<T> WaitAsync<T>(HttpContext http, Task<T> work)
    {
        try
        {
            while (true)
            {
                try
                {
                    return await work.WaitAsync(Silence, time, http.RequestAborted).ConfigureAwait(false);
                }
                catch (TimeoutException) when (!work.IsCompleted)
                {
                    await SendAsync(http).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            // Whatever the work uses is the caller's, who goes on only when it has ended: with the client it ends, too.
            await ((Task)work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SendAsync(HttpContext http)
    {
        var response = http.Response;
        if (HasBegun(http))
        {
            await response.Body.WriteAsync(" "u8.ToArray(), http.RequestAborted).ConfigureAwait(false);
        }
        else
        {
            http.Features.Set(this);
            response.ContentType = S3Xml.ContentType;
            await response.Body.WriteAsync(Declaration, http.RequestAborted).ConfigureAwait(false);
        }
        await response.Body.FlushAsync(http.RequestAborted).ConfigureAwait(false);
    }
}
