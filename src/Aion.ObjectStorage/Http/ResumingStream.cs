namespace Aion.ObjectStorage;

/// <summary>The body of an answer, and what is to be disposed with it.</summary>
public readonly record struct ObjectBody(Stream Content, IDisposable Owner);

/// <summary>
/// An object's body as an adapter hands it out: read-only, at most so many bytes long, failures told in the contract's words. One that breaks
/// off or stalls is asked for again from where it stopped, a few times and within the bucket's retry budget; synchronous reads are not.
/// Owns the body.
/// </summary>
/// <param name="body">Begins where the reader wants to begin.</param>
/// <param name="maxBytes">Where the stream ends at the latest: a server may send more than was asked for.</param>
/// <param name="reopen">
/// The rest of the same object, so many bytes behind the beginning; fails where the object is another by now. Null = can't be asked for.
/// </param>
/// <param name="translate">Tells a failure in the contract's words; not asked about cancellation by the reader.</param>
public sealed class ResumingStream(
    ObjectBody body, long maxBytes, Func<long, CancellationToken, Task<ObjectBody>>? reopen, Func<Exception, BucketException> translate, RetryBudget budget) : ReadOnlyStream
{
    private const int MaxResumes = 5;

    private ObjectBody _body = body;
    private long _read;
    private int _resumes;

    public override int Read(Span<byte> buffer)
    {
        try
        {
            int read = _body.Content.Read(buffer[..(int)Math.Min(buffer.Length, maxBytes - _read)]);
            _read += read;
            return read;
        }
        catch (Exception e) when (e is not ObjectDisposedException)
        {
            throw translate(e);
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            BucketException failure;
            try
            {
                int read = await _body.Content.ReadAsync(buffer[..(int)Math.Min(buffer.Length, maxBytes - _read)], cancellationToken);
                _read += read;
                return read;
            }
            catch (Exception e) when (e is not ObjectDisposedException && !cancellationToken.IsCancellationRequested)
            {
                failure = translate(e);
            }

            await ResumeAsync(failure, cancellationToken);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) Release();
        base.Dispose(disposing);
    }

    private async Task ResumeAsync(BucketException failure, CancellationToken cancellationToken)
    {
        if (failure.Kind != BucketErrorKind.Transient || reopen is null || ++_resumes > MaxResumes || !budget.TrySpend()) throw failure;
        Release();
        try
        {
            _body = await reopen(_read, cancellationToken);
        }
        catch (BucketException e)
        {
            throw new BucketException(BucketErrorKind.Transient, $"{failure.Message}; taking it up at byte {_read} failed too: {e.Message}", failure);
        }
    }

    private void Release()
    {
        _body.Content.Dispose();
        _body.Owner.Dispose();
        _body = new ObjectBody(Null, Null);
    }
}
