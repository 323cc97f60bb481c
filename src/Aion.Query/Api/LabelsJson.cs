using Aion.Model;

namespace Aion.Query;

/// <summary>Writes a label set as an object, in label order.</summary>
internal static class LabelsJson
{
    public static void Write(JsonBuffer json, Labels labels)
    {
        json.Raw((byte)'{');
        var first = true;
        foreach (LabelPair pair in labels)
        {
            if (!first) json.Raw((byte)',');
            first = false;
            json.Quoted(pair.Name, JsonEscapes.Plain);
            json.Raw((byte)':');
            json.Quoted(pair.Value, JsonEscapes.Plain);
        }

        json.Raw((byte)'}');
    }
}
