using Aion.Hosting;

namespace Aion.Tools;

/// <summary>The commands below <c>aion tools</c>, in the order help lists them.</summary>
public static class ToolCommands
{
    public static IReadOnlyList<ComponentDefinition> All { get; } =
    [
        LsCommand.Definition,
        InspectCommand.Definition,
        ReplicateCommand.Definition,
        MarkCommand.Definition,
        UploadBlocksCommand.Definition,
        RulesCheckCommand.Definition,
    ];

    public static IReadOnlyList<CommandGroup> Groups { get; } = [new("tools", "Tools for operators."), BucketGroup.Group];
}
