using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using OneShot.Analyzers.Tests.Running;

namespace OneShot.Analyzers.Tests;

/// <summary>Code that misuses a request's memory, each misuse told where it is and nothing else; and code that does not, about which nothing is told.</summary>
public class CorpusTests
{
    public static TheoryData<string> Misuse => Names("Misuse");

    public static TheoryData<string> Good => Names("Good");

    [Theory]
    [MemberData(nameof(Misuse))]
    public async Task Misuse_is_told_where_it_is(string name)
    {
        Snippet snippet = Find("Misuse", name);

        Assert.NotEmpty(snippet.Expected);
        Assert.Equal(snippet.Expected, Analysis.Places(await AnalyseAsync(snippet)));
    }

    [Theory]
    [MemberData(nameof(Good))]
    public async Task About_good_code_nothing_is_told(string name)
    {
        Snippet snippet = Find("Good", name);

        Assert.Empty(snippet.Expected);
        Assert.Empty(await AnalyseAsync(snippet));
    }

    [Fact]
    public void The_corpus_is_as_large_as_it_has_to_be_and_has_every_rule()
    {
        Assert.True(Snippet.In("Misuse").Count() >= 60);
        Assert.True(Snippet.In("Good").Count() >= 60);
        Assert.Equal(
            Analysis.Analyzers.SelectMany(static analyzer => analyzer.SupportedDiagnostics).Select(static rule => rule.Id).Order(StringComparer.Ordinal),
            Snippet.In("Misuse").SelectMany(static snippet => snippet.Expected).Select(static mark => mark.Rule).Distinct().Order(StringComparer.Ordinal));
    }

    private static async Task<ImmutableArray<Diagnostic>> AnalyseAsync(Snippet snippet)
    {
        CSharpCompilation compilation = Analysis.Compile(snippet.Source);
        Assert.Empty(compilation.GetDiagnostics(TestContext.Current.CancellationToken).Where(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        return await Analysis.RunAsync(compilation);
    }

    private static Snippet Find(string folder, string name) => Snippet.In(folder).Single(snippet => snippet.ToString() == name);

    private static TheoryData<string> Names(string folder) => new(Snippet.In(folder).Select(static snippet => snippet.ToString()));
}
