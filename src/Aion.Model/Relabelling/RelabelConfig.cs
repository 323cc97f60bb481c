using System.Text;

namespace Aion.Model;

/// <summary>What a relabelling rule does.</summary>
public enum RelabelAction
{
    /// <summary>Sets the target label to the replacement where the regex matches.</summary>
    Replace,

    /// <summary>Drops the set unless the regex matches.</summary>
    Keep,

    /// <summary>Drops the set if the regex matches.</summary>
    Drop,

    /// <summary>Drops the set unless the target label equals the joined source labels.</summary>
    KeepEqual,

    /// <summary>Drops the set if the target label equals the joined source labels.</summary>
    DropEqual,

    /// <summary>Sets the target label to a hash of the joined source labels, modulo the modulus.</summary>
    HashMod,

    /// <summary>Copies labels whose name the regex matches to the name the replacement makes.</summary>
    LabelMap,

    /// <summary>Removes labels whose name the regex matches.</summary>
    LabelDrop,

    /// <summary>Removes labels whose name the regex does not match.</summary>
    LabelKeep,

    /// <summary>Sets the target label to the joined source labels in lower case.</summary>
    Lowercase,

    /// <summary>Sets the target label to the joined source labels in upper case.</summary>
    Uppercase,
}

/// <summary>
/// One relabelling rule as it was configured. A field that was not given is null or has its default; some actions refuse fields that were given.
/// </summary>
public sealed record RelabelConfig
{
    public const string DefaultSeparator = ";";
    public const string DefaultRegex = "(.*)";
    public const string DefaultReplacement = "$1";

    /// <summary>Labels whose values are joined; null when not given, which is not the same as an empty list for every action.</summary>
    public IReadOnlyList<string>? SourceLabels { get; init; }

    public string Separator { get; init; } = DefaultSeparator;

    /// <summary>Null when not given; then it is <see cref="DefaultRegex"/>.</summary>
    public string? Regex { get; init; }

    public ulong Modulus { get; init; }

    public string TargetLabel { get; init; } = "";

    public string Replacement { get; init; } = DefaultReplacement;

    public RelabelAction Action { get; init; } = RelabelAction.Replace;

    /// <summary>The action's name as configured and printed, in lower case.</summary>
    public static string NameOf(RelabelAction action) => action.ToString().ToLowerInvariant();

    /// <summary>Reads an action's name, in any case.</summary>
    /// <exception cref="FormatException">There is no such action.</exception>
    public static RelabelAction ParseAction(string name)
    {
        foreach (RelabelAction action in Enum.GetValues<RelabelAction>())
            if (string.Equals(NameOf(action), name, StringComparison.OrdinalIgnoreCase)) return action;
        throw new FormatException($"unknown relabel action {GoText.Quote(name)}");
    }

    /// <summary>What is wrong with the rule, naming the field; null when nothing is. The regex is checked when the rule is compiled.</summary>
    public string? Validate()
    {
        string action = NameOf(Action);
        foreach (string label in SourceLabels ?? [])
            if (!IsLabelName(label)) return $"source_labels: {GoText.Quote(label)} is not a valid label name";
        if (Action == RelabelAction.HashMod && Modulus == 0) return "relabel configuration for hashmod requires non-zero modulus";
        if (NeedsTarget)
        {
            if (TargetLabel.Length == 0) return $"relabel configuration for {action} action requires 'target_label' value";
            if (!IsLabelName(TargetLabel)) return $"{GoText.Quote(TargetLabel)} is invalid 'target_label' for {action} action";
        }

        bool ownReplacement = Replacement != DefaultReplacement;
        if (ownReplacement && (Action is RelabelAction.Lowercase or RelabelAction.Uppercase or RelabelAction.KeepEqual or RelabelAction.DropEqual))
            return $"'replacement' can not be set for {action} action";
        if (Action == RelabelAction.LabelMap && !IsLabelName(Replacement)) return $"{GoText.Quote(Replacement)} is invalid 'replacement' for {action} action";
        bool others = Modulus != 0 || Separator != DefaultSeparator || ownReplacement;
        if (Action is RelabelAction.KeepEqual or RelabelAction.DropEqual && (others || Regex is not null))
            return $"{action} action requires only 'source_labels' and `target_label`, and no other fields";
        if (Action is RelabelAction.LabelDrop or RelabelAction.LabelKeep && (others || SourceLabels is not null || TargetLabel.Length > 0))
            return $"{action} action requires only 'regex', and no other fields";
        return null;
    }

    private bool NeedsTarget => Action is RelabelAction.Replace or RelabelAction.HashMod or RelabelAction.Lowercase or RelabelAction.Uppercase
        or RelabelAction.KeepEqual or RelabelAction.DropEqual;

    /// <summary>Any text is a label name, if it is not empty and can be written in UTF-8.</summary>
    private static bool IsLabelName(string name)
    {
        if (name.Length == 0) return false;
        for (var i = 0; i < name.Length;)
        {
            if (!Rune.TryGetRuneAt(name, i, out Rune rune)) return false;
            i += rune.Utf16SequenceLength;
        }

        return true;
    }
}
