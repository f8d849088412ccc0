using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Writes a package's bill of materials, CycloneDX 1.6 in JSON (ECMA-424): what it is, the libraries in it with their hashes, and the packages
/// it brings along. The same package gives the same bytes: there is no serial number, and the time is given. Compiled by MSBuild, see build/Sbom.targets.
/// </summary>
public sealed class WriteSbom : Task
{
    [Required]
    public string Path { get; set; }

    [Required]
    public string Name { get; set; }

    [Required]
    public string Version { get; set; }

    public string Description { get; set; }

    public string License { get; set; }

    public string Authors { get; set; }

    /// <summary>When the sources are from, as in RFC 3339; nothing where nobody says.</summary>
    public string Timestamp { get; set; }

    /// <summary>Files of the package, with where they are in it.</summary>
    public ITaskItem[] Files { get; set; } = [];

    /// <summary>What the project refers to by itself: packages by their names, projects by their files.</summary>
    public ITaskItem[] References { get; set; } = [];

    /// <summary>All that was resolved, as NAME/VERSION, and who asked for it, as the SDK has it from project.assets.json.</summary>
    public ITaskItem[] Packages { get; set; } = [];

    public ITaskItem[] Dependencies { get; set; } = [];

    public override bool Execute()
    {
        Dictionary<string, ITaskItem> packages = new(StringComparer.OrdinalIgnoreCase);
        foreach (ITaskItem package in Packages)
        {
            packages[package.GetMetadata("Name")] = package;
        }

        ILookup<string, string> asked = Dependencies
            .Where(dependency => dependency.GetMetadata("ParentPackage").Length > 0)
            .ToLookup(dependency => dependency.GetMetadata("ParentPackage").Split('/')[0], dependency => dependency.ItemSpec.Split('/')[0], StringComparer.OrdinalIgnoreCase);

        // What is private is a tool of the build, or only compiled against: the package does not bring it.
        string[] direct = Ordered(References
            .Where(reference => !reference.GetMetadata("PrivateAssets").Equals("all", StringComparison.OrdinalIgnoreCase))
            .Select(reference => reference.ItemSpec.EndsWith(".csproj", StringComparison.Ordinal) ? System.IO.Path.GetFileNameWithoutExtension(reference.ItemSpec) : reference.ItemSpec)
            .Where(packages.ContainsKey));
        SortedSet<string> brought = new(StringComparer.Ordinal);
        Queue<string> open = new(direct);
        while (open.Count > 0)
        {
            string name = open.Dequeue();
            if (brought.Add(packages[name].GetMetadata("Name")))
            {
                foreach (string next in asked[name].Where(packages.ContainsKey))
                {
                    open.Enqueue(next);
                }
            }
        }

        string Url(string name) => $"pkg:nuget/{packages[name].GetMetadata("Name")}@{packages[name].GetMetadata("Version")}";
        string self = $"pkg:nuget/{Name}@{Version}";
        string json = Object(
            Text("bomFormat", "CycloneDX"),
            Text("specVersion", "1.6"),
            "\"version\": 1",
            Member("metadata", Object(
                Text("timestamp", Timestamp),
                Member("authors", Array(Object(Text("name", Authors)))),
                Member("component", Object(
                    Text("type", "library"),
                    Text("bom-ref", self),
                    Text("name", Name),
                    Text("version", Version),
                    Text("description", Description),
                    Member("licenses", LicenseOf(License)),
                    Text("purl", self),
                    Member("components", Array([.. Files.OrderBy(file => file.GetMetadata("PackagePath"), StringComparer.Ordinal).Select(File)])))))),
            Member("components", Array([.. brought.Select(name => Component(packages[name], Url(name)))])),
            Member("dependencies", Array(
            [
                Depends(self, direct.Select(Url)),
                .. brought.Select(name => Depends(Url(name), Ordered(asked[name].Where(brought.Contains)).Select(Url))),
            ])));
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path));
        System.IO.File.WriteAllText(Path, json + "\n");
        return !Log.HasLoggedErrors;
    }

    private static string[] Ordered(IEnumerable<string> names) => [.. names.Distinct(StringComparer.OrdinalIgnoreCase).OrderBy(name => name, StringComparer.Ordinal)];

    /// <summary>A package of ours is built beside this one, and its hash is not known yet; another's is what NuGet has checked.</summary>
    private string Component(ITaskItem package, string url)
    {
        string folder = package.GetMetadata("ResolvedPath");
        bool ours = package.GetMetadata("Type") == "project";
        string hash = ours ? "" : Directory.GetFiles(folder, "*.nupkg.sha512").Select(file => Hex(Convert.FromBase64String(System.IO.File.ReadAllText(file)))).FirstOrDefault();
        string license = ours ? License : XDocument.Load(Directory.GetFiles(folder, "*.nuspec").Single()).Descendants()
            .FirstOrDefault(element => element.Name.LocalName == "license" && (string)element.Attribute("type") == "expression")?.Value;
        return Object(
            Text("type", "library"),
            Text("bom-ref", url),
            Text("name", package.GetMetadata("Name")),
            Text("version", package.GetMetadata("Version")),
            string.IsNullOrEmpty(hash) ? "" : Member("hashes", Array(Hash("SHA-512", hash))),
            Member("licenses", LicenseOf(license)),
            Text("purl", url));
    }

    private static string File(ITaskItem file)
    {
        using SHA256 sha = SHA256.Create();
        using FileStream stream = System.IO.File.OpenRead(file.ItemSpec);
        return Object(Text("type", "file"), Text("name", file.GetMetadata("PackagePath").Replace('\\', '/')), Member("hashes", Array(Hash("SHA-256", Hex(sha.ComputeHash(stream))))));
    }

    private static string Depends(string url, IEnumerable<string> on) => Object(Text("ref", url), Member("dependsOn", Array([.. on.Select(Quoted)])));

    private static string LicenseOf(string expression) => string.IsNullOrEmpty(expression) ? "" : Array(Object(Text("expression", expression)));

    private static string Hash(string algorithm, string value) => Object(Text("alg", algorithm), Text("content", value));

    private static string Hex(byte[] bytes) => BitConverter.ToString(bytes).Replace("-", "").ToLowerInvariant();

    private static string Text(string name, string value) => string.IsNullOrEmpty(value) ? "" : Member(name, Quoted(value));

    private static string Member(string name, string value) => value.Length == 0 ? "" : $"\"{name}\": {value}";

    private static string Object(params string[] members) => "{" + Lines(members.Where(member => member.Length > 0)) + "}";

    private static string Array(params string[] values) => "[" + Lines(values) + "]";

    private static string Lines(IEnumerable<string> values)
    {
        string[] all = [.. values];
        return all.Length == 0 ? "" : "\n  " + string.Join(",\n", all).Replace("\n", "\n  ") + "\n";
    }

    private static string Quoted(string value)
    {
        StringBuilder text = new("\"");
        foreach (char c in value)
        {
            text.Append(c is '"' or '\\' ? $"\\{c}" : c < ' ' ? $"\\u{(int)c:x4}" : c.ToString());
        }

        return text.Append('"').ToString();
    }
}
