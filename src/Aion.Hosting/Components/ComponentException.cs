namespace Aion.Hosting;

/// <summary>A component cannot start or go on: the message tells the operator what and where. Logged as one line, exit 1.</summary>
public sealed class ComponentException : Exception
{
    public ComponentException(string message)
        : base(message)
    {
    }

    public ComponentException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>Messages from the innermost cause outwards, a line each, as upstream's error log has them.</summary>
    public static string Chain(Exception error)
    {
        List<string> messages = [];
        for (Exception? e = error; e is not null; e = e.InnerException)
        {
            // A wrapper that already ends in its cause's text would say the same twice.
            if (messages.Count > 0 && messages[^1].EndsWith(e.Message, StringComparison.Ordinal)) continue;
            messages.Add(e.Message);
        }

        messages.Reverse();
        return string.Join('\n', messages);
    }
}
