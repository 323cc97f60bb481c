using Aion.Blocks;
using Aion.Hosting;

namespace Aion.Tools;

/// <summary><c>--selector.relabel-config[-file]</c>: only blocks whose external labels the rules keep.</summary>
internal sealed class SelectorFlag(FlagSet flags)
{
    private readonly PathOrContent _rules = CommonFlags.Selector(flags);

    /// <exception cref="ComponentException">The rules can't be read or used.</exception>
    public async Task<SelectorFilter> FilterAsync(ParsedFlags flags, ComponentContext context, CancellationToken cancellationToken)
    {
        string yaml = await _rules.ReadAsync(flags, context.Environment, cancellationToken);
        try
        {
            return new SelectorFilter(RelabelFile.ParseSelector(yaml));
        }
        catch (FormatException e)
        {
            throw new ComponentException(e.Message, e);
        }
    }
}
