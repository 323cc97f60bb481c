using Aion.Model;
using Aion.Protocol.Wire;

namespace Aion.Query;

/// <summary>Label sets as the APIs beside the store carry them.</summary>
internal static class WireLabels
{
    public static Labels Of(ZLabelSet? set, IReadOnlyCollection<string> without)
    {
        var builder = new LabelsBuilder();
        foreach (Label label in set?.Labels ?? [])
            if (!without.Contains(label.Name)) builder.Set(label.Name, label.Value);
        return builder.ToLabels();
    }
}
