using Aion.Hosting;

namespace Aion.Tools;

/// <summary>The commands below <c>aion tools</c>, in the order help lists them.</summary>
public static class ToolCommands
{
    public static IReadOnlyList<ComponentDefinition> All { get; } =
    [
        VerifyCommand.Definition,
        LsCommand.Definition,
        InspectCommand.Definition,
        WebCommand.Definition,
        ReplicateCommand.Definition,
        DownsampleCommand.Definition,
        CleanupCommand.Definition,
        MarkCommand.Definition,
        RewriteCommand.Definition,
        RetentionCommand.Definition,
        PlanCommand.Definition,
        UploadBlocksCommand.Definition,
        RulesCheckCommand.Definition,
    ];

    public static IReadOnlyList<CommandGroup> Groups { get; } = [new("tools", "Tools for operators."), BucketGroup.Group];
}
