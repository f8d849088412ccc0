using System.Security.Cryptography;
using System.Text;

namespace HeaderServer.Page;

/// <summary>The page as it is sent, one file, and the policy under which nothing but its own style and script runs in it.</summary>
internal sealed class PageDocument
{
    private PageDocument(byte[] html, string policy)
    {
        Html = html;
        ContentSecurityPolicy = policy;
    }

    public byte[] Html { get; }

    public string ContentSecurityPolicy { get; }

    public static PageDocument Load()
    {
        string style = Read("page.css");
        string script = Read("page.js");
        string html = Read("page.html").Replace("{{style}}", style, StringComparison.Ordinal).Replace("{{script}}", script, StringComparison.Ordinal);
        return new PageDocument(
            Encoding.UTF8.GetBytes(html),
            $"default-src 'none'; style-src {Hash(style)}; script-src {Hash(script)}; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    }

    // Browsers hash an element's text with line ends as LF, so that is what the files must have.
    private static string Hash(string text) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'";

    private static string Read(string name)
    {
        using StreamReader reader = new(typeof(PageDocument).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
