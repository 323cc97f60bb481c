using Aion.Model;

namespace Aion.PromQL;

/// <summary>The labels that say what a metric is: they go when a result no longer is that metric.</summary>
internal static class MetadataLabels
{
    public static ReadOnlySpan<byte> Type => "__type__"u8;

    public static ReadOnlySpan<byte> Unit => "__unit__"u8;

    /// <summary>Compares label sets as if the metadata labels had been dropped.</summary>
    public static IEqualityComparer<Labels> Ignored { get; } = new WithoutMetadata();

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

    private static bool Is(ReadOnlySpan<byte> name) =>
        name.StartsWith("__"u8) && (name.SequenceEqual(LabelNames.MetricNameUtf8) || name.SequenceEqual(Type) || name.SequenceEqual(Unit));

    private sealed class WithoutMetadata : IEqualityComparer<Labels>
    {
        public bool Equals(Labels? a, Labels? b)
        {
            LabelEnumerator left = a!.GetEnumerator(), right = b!.GetEnumerator();
            while (true)
            {
                bool more = Next(ref left);
                if (more != Next(ref right)) return false;
                if (!more) return true;
                if (!left.Current.Name.SequenceEqual(right.Current.Name) || !left.Current.Value.SequenceEqual(right.Current.Value)) return false;
            }
        }

        public int GetHashCode(Labels labels)
        {
            var hash = new HashCode();
            LabelEnumerator left = labels.GetEnumerator();
            while (Next(ref left))
            {
                hash.AddBytes(left.Current.Name);
                hash.AddBytes(left.Current.Value);
            }

            return hash.ToHashCode();
        }

        private static bool Next(ref LabelEnumerator labels)
        {
            while (labels.MoveNext())
                if (!Is(labels.Current.Name)) return true;
            return false;
        }
    }
}
