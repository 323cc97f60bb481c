using Aion.Compactor;
using Aion.Hosting;

namespace Aion.Tools;

/// <summary>How long blocks are kept; the compactor's flags.</summary>
internal sealed class RetentionFlags(FlagSet flags)
{
    public Flag<TimeSpan> Raw { get; } = flags.PrometheusDuration("retention.resolution-raw", "How long to keep raw samples; 0d is for ever.", "0d");

    public Flag<TimeSpan> FiveMinutes { get; } = flags.PrometheusDuration("retention.resolution-5m", "How long to keep samples of 5 minutes; 0d is for ever.", "0d");

    public Flag<TimeSpan> OneHour { get; } = flags.PrometheusDuration("retention.resolution-1h", "How long to keep samples of 1 hour; 0d is for ever.", "0d");

    private readonly PathOrContent _policy = flags.PathOrContent(
        "retention.policy.config", "retention by external labels in YAML, for example per tenant; blocks that no rule applies to go by the other flags");

    private readonly Flag<bool> _deletesWithoutDownsampled = flags.Bool(
        "retention.delete-without-downsampled", "Delete data past its retention even if its downsampled form, which is still asked for, does not exist yet.");

    /// <exception cref="ComponentException">The policy file makes no sense.</exception>
    public async Task<RetentionPolicy> PolicyAsync(ParsedFlags values, ComponentContext context, CancellationToken cancellationToken)
    {
        string yaml = await _policy.ReadAsync(values, context.Environment, cancellationToken);
        try
        {
            return new RetentionPolicy
            {
                Default = new RetentionPeriods(values.Get(Raw), values.Get(FiveMinutes), values.Get(OneHour)),
                Rules = yaml.Length > 0 ? RetentionFile.Parse(yaml) : [],
                IgnoresMissingDownsampled = values.Get(_deletesWithoutDownsampled),
            };
        }
        catch (FormatException e)
        {
            throw new ComponentException(e.Message, e);
        }
    }
}
