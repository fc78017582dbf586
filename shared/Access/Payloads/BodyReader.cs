using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace Serverless.Access;

/// <summary>A request's body as a run of memory pieces, straight from the server's pipe.</summary>
internal sealed class BodyReader(PipeReader pipe) : IDisposable
{
    private ReadOnlySequence<byte> buffer;
    private SequencePosition next;
    private bool holding;
    private bool completed;

    /// <summary>The bytes at hand; empty when <see cref="FillAsync"/> is to be called. Valid until then.</summary>
    public ReadOnlyMemory<byte> Current { get; private set; }

    /// <summary>Whether the body was asked for: from then on a client that expects a 100 (Continue) has it, and sends.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Takes bytes off the front of <see cref="Current"/>.</summary>
    public void Advance(int count)
    {
        Current = Current[count..];
        SkipEmpty();
    }

    /// <summary>Gets more bytes; <see cref="Current"/> must be used up.</summary>
    /// <returns>False at the end of the body.</returns>
    /// <exception cref="AccessException">The body broke off, came too slowly or is too large for the server.</exception>
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        HasBegun = true;
        while (Current.IsEmpty && !completed)
        {
            Release();
            var result = await ReadAsync(pipe, cancellationToken);
            buffer = result.Buffer;
            next = buffer.Start;
            holding = true;
            completed = result.IsCompleted;
            SkipEmpty();
        }
        if (Current.IsEmpty)
        {
            Release();
        }
        return !Current.IsEmpty;
    }

    /// <summary>Gives the pipe its memory back.</summary>
    public void Dispose()
    {
        Current = default;
        Release();
    }

    /// <summary>Reads the pipe, with the server's refusals as S3's.</summary>
    /// <exception cref="AccessException">As for <see cref="FillAsync"/>.</exception>
    public static async ValueTask<ReadResult> ReadAsync(PipeReader pipe, CancellationToken cancellationToken)
    {
        try
        {
            var result = await pipe.ReadAsync(cancellationToken);
            return result.IsCanceled ? throw new OperationCanceledException(cancellationToken) : result;
        }
        catch (BadHttpRequestException refused) when (refused.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw new AccessException(AccessErrors.EntityTooLarge);
        }
        catch (BadHttpRequestException refused) when (refused.StatusCode == StatusCodes.Status408RequestTimeout)
        {
            throw new AccessException(AccessErrors.RequestTimeout);
        }
        catch (IOException)
        {
            throw new AccessException(AccessErrors.IncompleteBody);
        }
    }

    private void SkipEmpty()
    {
        while (Current.IsEmpty && holding && buffer.TryGet(ref next, out var segment))
        {
            Current = segment;
        }
    }

    private void Release()
    {
        if (holding)
        {
            holding = false;
            pipe.AdvanceTo(buffer.End);
        }
    }
}
