using System.Text;

namespace OneShot.LoadTest.Report;

/// <summary>A Markdown page, written from top to bottom, whose plots are files beside it: <c>{page}-{plot}.svg</c>. An empty line is between any two parts.</summary>
internal sealed class MarkdownPage
{
    private readonly string _name;
    private readonly StringBuilder _text = new();
    private readonly List<Plot> _plots = [];

    /// <param name="name">Which the names of its images begin with.</param>
    /// <param name="title">Its first line.</param>
    public MarkdownPage(string name, string title)
    {
        _name = name;
        _text.Append("# ").Append(title).Append('\n');
    }

    /// <summary>A bullet each; nothing where there are none.</summary>
    public void AddList(IEnumerable<string> items)
    {
        foreach ((int index, string item) in items.Index())
        {
            _text.Append(index == 0 ? "\n- " : "- ").Append(item).Append('\n');
        }
    }

    /// <summary>What was measured once: its figures, and what is to be said of them.</summary>
    public void AddSection(string heading, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows, IEnumerable<string> remarks)
    {
        _text.Append("\n## ").Append(heading).Append('\n');
        AddTable(columns, rows);
        AddList(remarks);
    }

    public void AddPlots(IEnumerable<Plot> plots)
    {
        foreach (Plot plot in plots)
        {
            _plots.Add(plot);
            _text.Append("\n![").Append(plot.Title).Append("](").Append(ImageOf(plot)).Append(")\n");
        }
    }

    /// <summary>The page.</summary>
    public override string ToString() => _text.ToString();

    /// <summary>Writes a page and its images, into a folder that is made where there is none.</summary>
    /// <param name="file">Of the page.</param>
    /// <param name="compose">Makes the page of that name.</param>
    /// <exception cref="IOException">One of the files cannot be written.</exception>
    public static void Write(string file, Func<string, MarkdownPage> compose)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        Directory.CreateDirectory(folder);
        MarkdownPage page = compose(Path.GetFileNameWithoutExtension(file));
        foreach (Plot plot in page._plots)
        {
            File.WriteAllText(Path.Combine(folder, page.ImageOf(plot)), plot.Svg);
        }

        File.WriteAllText(file, page.ToString());
    }

    /// <summary>The first column stands left, the others right.</summary>
    private void AddTable(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        _text.Append('\n');
        AppendRow(columns);
        _text.Append("|---|").Insert(_text.Length, "---:|", columns.Count - 1).Append('\n');
        foreach (IReadOnlyList<string> row in rows)
        {
            AppendRow(row);
        }
    }

    private string ImageOf(Plot plot) => $"{_name}-{plot.Name}.svg";

    private void AppendRow(IEnumerable<string> cells) => _text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
