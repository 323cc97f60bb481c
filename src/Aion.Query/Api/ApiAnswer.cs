using System.Buffers;
using System.IO.Pipelines;
using Aion.Hosting;

namespace Aion.Query;

/// <summary>Writes <c>data</c> into the text; <paramref name="drain"/> may be awaited between the pieces of a long answer.</summary>
internal delegate ValueTask DataWriter(JsonBuffer json, Func<ValueTask> drain);

/// <summary>Makes API results from <see cref="JsonBuffer"/> text, which leaves in pieces so that a long answer is never whole in memory.</summary>
internal static class ApiAnswer
{
    private const int DrainBytes = 64 << 10;

    public static ApiResult Of(DataWriter write, IReadOnlyList<string>? warnings = null) =>
        ApiResult.Streamed((target, cancellationToken) => WriteAsync(write, target, cancellationToken), warnings);

    /// <summary>Data that is short by nature.</summary>
    public static ApiResult Of(Action<JsonBuffer> write, IReadOnlyList<string>? warnings = null) =>
        Of((json, _) =>
        {
            write(json);
            return ValueTask.CompletedTask;
        }, warnings);

    /// <summary>A list of texts.</summary>
    public static ApiResult Of(IReadOnlyList<string> texts, IReadOnlyList<string> warnings) =>
        Of(async (json, drain) =>
        {
            json.Raw((byte)'[');
            for (var i = 0; i < texts.Count; i++)
            {
                if (i > 0) json.Raw((byte)',');
                json.Quoted(texts[i]);
                await drain();
            }

            json.Raw((byte)']');
        }, warnings);

    private static async ValueTask WriteAsync(DataWriter write, PipeWriter target, CancellationToken cancellationToken)
    {
        using var json = new JsonBuffer();
        await write(json, () => json.Length < DrainBytes ? ValueTask.CompletedTask : SendAsync(json, target, cancellationToken));
        target.Write(json.Written.Span);
    }

    private static async ValueTask SendAsync(JsonBuffer json, PipeWriter target, CancellationToken cancellationToken)
    {
        await target.WriteAsync(json.Written, cancellationToken);
        json.Clear();
    }
}
