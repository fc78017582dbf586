namespace Serverless.Access;

/// <summary>Something that the service cannot answer requests without. All of them are asked for <c>/_health/ready</c>.</summary>
public interface IReadinessCheck
{
    /// <summary>Throws where it is not there. It writes nothing.</summary>
    ValueTask CheckAsync(CancellationToken cancellationToken);
}
