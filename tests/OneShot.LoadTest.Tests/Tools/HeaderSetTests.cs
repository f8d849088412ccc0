using OneShot.LoadTest.Tools;
using OneShot.LoadTest.Tools.Wrk;

namespace OneShot.LoadTest.Tests.Tools;

public class HeaderSetTests
{
    [Fact]
    public void The_sets_are_what_their_descriptions_say()
    {
        Assert.Equal(2, HeaderSets.Tiny.Count);
        Assert.False(HeaderSets.Tiny.Changes);
        Assert.Equal(16, HeaderSets.Browser.Count);
        Assert.True(HeaderSets.Browser.Changes);
        Assert.Equal(30, HeaderSets.Gateway.Count);
        Assert.InRange(HeaderSets.Gateway.Fields.Single(line => line.Name == "Authorization").Value.Length, 1_000, 1_200);
        Assert.All(HeaderSets.All, set => Assert.Equal(set.Fields.Count, set.Fields.DistinctBy(line => line.Name.ToUpperInvariant()).Count()));
    }

    [Fact]
    public void A_changing_value_is_another_with_every_id()
    {
        HeaderField field = new("traceparent", "00-{id}{id}-{id}-01");

        Assert.Equal("00-000000000000002a000000000000002a-000000000000002a-01", field.At(42));
        Assert.NotEqual(field.At(1), field.At(2));
    }

    [Fact]
    public void The_script_holds_every_field_with_quotes_and_backslashes_escaped()
    {
        string script = WrkScript.Write(new HeaderSet("odd", "", [new("sec-ch-ua", "\"A\""), new("X-Path", @"C:\x")]));

        Assert.StartsWith("""fields = {{ "sec-ch-ua", "\"A\"" }, { "X-Path", "C:\\x" }, }""" + "\n", script, StringComparison.Ordinal);
        Assert.Contains("function done", script, StringComparison.Ordinal);
    }

    [Fact]
    public void The_script_says_how_long_a_body_is()
    {
        Assert.Contains("\npost = nil\n", WrkScript.Write(HeaderSets.Tiny), StringComparison.Ordinal);
        Assert.Contains("\npipeline = 4\npost = 4096\n", WrkScript.Write(HeaderSets.Tiny, 4, 4_096), StringComparison.Ordinal);
    }

    [Fact]
    public void Several_values_of_a_field_come_in_turn()
    {
        HeaderField field = new("X-User", "a") { Others = ["b", "c"] };

        Assert.True(field.Changes);
        Assert.Equal("a", field.At(1));
        Assert.StartsWith("fields = {{ \"X-User\", \"a\", \"b\", \"c\" }, }", WrkScript.Write(new HeaderSet("users", "", [field])), StringComparison.Ordinal);
    }
}
