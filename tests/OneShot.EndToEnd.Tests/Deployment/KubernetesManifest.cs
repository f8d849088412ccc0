using System.Globalization;

namespace OneShot.EndToEnd.Tests.Deployment;

/// <summary>The manifests as <c>kubectl kustomize</c> builds them.</summary>
internal sealed class KubernetesManifest
{
    private readonly IReadOnlyList<Yaml> _objects;

    private KubernetesManifest(IReadOnlyList<Yaml> objects) => _objects = objects;

    internal IEnumerable<string> Kinds => _objects.Select(item => item["kind"].Text);

    internal Yaml Pod => Object("Deployment")["spec"]["template"]["spec"];

    internal Yaml Container => Assert.Single(Pod["containers"].Items);

    /// <summary>That of the container, in bytes.</summary>
    internal long MemoryLimit => Bytes(Container["resources"]["limits"]["memory"].Text);

    internal ContainerSettings Settings => new(Container["env"].Items.ToDictionary(variable => variable["name"].Text, variable => variable["value"].Text));

    internal static async Task<KubernetesManifest> BuildAsync(string folder)
    {
        ToolResult result = await Tool.RunAsync("kubectl", ["kustomize", RepositoryFile.PathOf($"deploy/kubernetes/{folder}")]);
        return new KubernetesManifest(Yaml.Documents(result.Succeeded().Output));
    }

    /// <summary>The base as its files stand, for where there is no kubectl.</summary>
    internal static KubernetesManifest ReadBase() => new([.. Yaml.Documents(RepositoryFile.Read("deploy/kubernetes/base/kustomization.yaml"))
        .Single()["resources"].Items.SelectMany(file => Yaml.Documents(RepositoryFile.Read($"deploy/kubernetes/base/{file.Text}")))]);

    internal Yaml Object(string kind) => _objects.Single(item => item["kind"].Text == kind);

    /// <summary>A quantity of memory such as 512Mi, in bytes.</summary>
    internal static long Bytes(string quantity)
    {
        int shift = quantity[^2..] switch { "Ki" => 10, "Mi" => 20, "Gi" => 30, _ => throw new FormatException($"'{quantity}': write Ki, Mi or Gi.") };
        return long.Parse(quantity.AsSpan(0, quantity.Length - 2), CultureInfo.InvariantCulture) << shift;
    }
}
