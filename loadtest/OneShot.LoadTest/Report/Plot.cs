namespace OneShot.LoadTest.Report;

/// <param name="Name">Part of a file name.</param>
/// <param name="Title">What it shows, for those who do not see it.</param>
/// <param name="Svg">A whole SVG document.</param>
internal sealed record Plot(string Name, string Title, string Svg);
