using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Serverless.Access;
using Serverless.Audit;
using Serverless.Keys;
using Serverless.Objects;
using Serverless.Storage;
using Serverless.Telemetry;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.Services
    .AddAccess(builder.Configuration)
    .AddAudit(builder.Configuration)
    .AddKeys(builder.Configuration)
    .AddObjects(builder.Configuration)
    .AddStorage(builder.Configuration)
    .AddTelemetry(builder.Configuration)
    .Configure<KestrelServerOptions>(options =>
    {
        // S3's own limits are judged by the operations; user metadata are UTF-8 in both directions.
        options.Limits.MaxRequestBodySize = null;
        // Of what is before the body S3's own limit is judged, too; 2 KiB of metadata may be in many headers.
        options.Limits.MaxRequestLineSize = 16 << 10;
        options.Limits.MaxRequestHeadersTotalSize = 64 << 10;
        options.Limits.MaxRequestHeaderCount = 1000;
        // Lets decryption run ahead of a slow socket: large GETs gain a fifth over the server's 64 KiB.
        options.Limits.MaxResponseBufferSize = 1 << 20;
        options.RequestHeaderEncodingSelector = _ => Encoding.UTF8;
        options.ResponseHeaderEncodingSelector = _ => Encoding.UTF8;
    });
builder.Build().Run();
