using System.Text;

namespace Aion.Hosting.Tests;

public sealed class ProgramPagesTests
{
    [Theory]
    [InlineData("7f724282a000-7f7242bfe000 r-xp 00000000 fe:01 131       /usr/share/dotnet/shared/libcoreclr.so", 0x7f724282a000, 0x7f7242bfe000, true)]
    [InlineData("7f00-8000 r-xp 00028000 fe:01 9                          /usr/lib/x86_64-linux-gnu/libc.so.6", 0x7f00, 0x8000, true)]
    [InlineData("1000-2000 r--s 00000000 fe:01 7                          /opt/with space/Aion.Model.dll", 0x1000, 0x2000, false)]
    public void Code_and_metadata_of_the_program_are_found(string line, long start, long end, bool isPrivate)
    {
        Assert.True(ProgramMapping.TryParse(Encoding.UTF8.GetBytes(line), out ProgramMapping mapping));
        Assert.Equal(new ProgramMapping((ulong)start, (ulong)end, isPrivate), mapping);
    }

    [Theory]
    [InlineData("1000-2000 rw-p 00000000 fe:01 7 /opt/Aion.Model.dll")] // the process writes here
    [InlineData("1000-2000 r--p 00000000 fe:01 7 /lib/libc.so.6")] // relocated, then made read-only
    [InlineData("1000-2000 rw-s 00000000 00:01 7 /memfd:doublemapper (deleted)")]
    [InlineData("1000-2000 r--s 00000000 fe:01 7 /data/01ABC/chunks/000001")]
    [InlineData("1000-2000 r--s 00000000 fe:01 7 /data/libs.so/index")]
    [InlineData("1000-2000 r-xp 00000000 fe:01 7 /lib/libc.so.6 (deleted)")]
    [InlineData("1000-2000 r-xp 00000000 00:00 0 [vdso]")]
    [InlineData("2000-1000 r-xp 00000000 fe:01 7 /lib/libc.so.6")]
    [InlineData("1000-2000 r-x")]
    [InlineData("1000")]
    [InlineData("")]
    public void Everything_else_is_left_alone(string line) => Assert.False(ProgramMapping.TryParse(Encoding.UTF8.GetBytes(line), out _));

    [Fact]
    public void The_program_goes_on_without_its_pages_and_gets_back_those_it_needs()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux only");
        var pages = new ProgramPages(TimeProvider.System);
        int before = Answer();

        Assert.True(pages.TryDrop());
        long full = FileKilobytes();
        Assert.True(pages.TryDrop());

        // Other tests run beside this one and bring pages back, but never all of them in this moment.
        Assert.True(FileKilobytes() < full, "nothing was dropped");
        Assert.Equal(before, Answer());
    }

    private static int Answer() => string.Join(',', Enumerable.Range(0, 1000).OrderByDescending(i => i % 7).Select(i => $"{i:x}")).Aggregate(17, (h, c) => (h * 31) + c);

    private static long FileKilobytes() => File.ReadLines("/proc/self/status").Where(l => l.StartsWith("RssFile:", StringComparison.Ordinal))
        .Select(l => long.Parse(l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture)).Single();
}
