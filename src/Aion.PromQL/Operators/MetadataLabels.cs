using Aion.Model;

namespace Aion.PromQL;

/// <summary>The labels that say what a metric is: they go when a result no longer is that metric.</summary>
internal static class MetadataLabels
{
    public static ReadOnlySpan<byte> Type => "__type__"u8;

    public static ReadOnlySpan<byte> Unit => "__unit__"u8;

    public static Labels Drop(Labels labels)
    {
        if (!labels.Has(LabelNames.MetricNameUtf8) && !labels.Has(Type) && !labels.Has(Unit)) return labels;
        var builder = new LabelsBuilder(labels);
        builder.Remove(LabelNames.MetricNameUtf8);
        builder.Remove(Type);
        builder.Remove(Unit);
        return builder.ToLabels();
    }

    public static Labels DropNameOnly(Labels labels)
    {
        if (!labels.Has(LabelNames.MetricNameUtf8)) return labels;
        var builder = new LabelsBuilder(labels);
        builder.Remove(LabelNames.MetricNameUtf8);
        return builder.ToLabels();
    }

    public static string NameOf(Labels labels) => labels.GetValueOrNull(LabelNames.MetricName) ?? "";
}
