using Microsoft.CodeAnalysis;
using OneShot.Analyzers.Tests.Running;

namespace OneShot.Analyzers.Tests;

public class RulesPageTests
{
    public static TheoryData<string> Ids => new(Analysis.Analyzers.SelectMany(static analyzer => analyzer.SupportedDiagnostics).Select(static rule => rule.Id));

    [Theory]
    [MemberData(nameof(Ids))]
    public void Every_rule_has_its_section_on_the_page_that_it_links_to(string id)
    {
        DiagnosticDescriptor rule = Analysis.Analyzers.SelectMany(static analyzer => analyzer.SupportedDiagnostics).Single(rule => rule.Id == id);
        string[] link = rule.HelpLinkUri.Split('#');
        string page = RepositoryFile.Read(link[0]);

        Assert.Equal(id.ToLowerInvariant(), link[1]);
        Assert.Contains($"<a id=\"{link[1]}\"></a>", page, StringComparison.Ordinal);
        Assert.Contains($"{id}: {rule.Title}\n", page.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_says_what_to_do()
    {
        Assert.All(
            Analysis.Analyzers.SelectMany(static analyzer => analyzer.SupportedDiagnostics),
            static rule => Assert.Contains(": ", rule.MessageFormat.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal));
    }
}
