namespace OneShot.AspNetCore.Tests.Architecture;

/// <summary>A top-level type; what is nested in it, closures and state machines included, counts as itself.</summary>
internal readonly record struct TypeName(string Namespace, string Name)
{
    public string FullName => Namespace.Length == 0 ? Name : $"{Namespace}.{Name}";

    /// <summary>Made by the compiler for the whole assembly, such as the home of constant data.</summary>
    public bool IsSynthesized => Name.StartsWith('<') || Namespace is "Microsoft.CodeAnalysis" or "System.Runtime.CompilerServices";

    public override string ToString() => FullName;
}
