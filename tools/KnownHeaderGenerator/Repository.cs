namespace KnownHeaderGenerator;

/// <summary>Where in the repository the tool reads and writes.</summary>
internal static class Repository
{
    public const string HeaderList = "tools/KnownHeaderGenerator/known-headers.txt";

    public const string GeneratedFile = "src/OneShot.AspNetCore/Wire/Fields/KnownHeaders.Generated.cs";

    /// <summary>The root of the repository that a folder is in.</summary>
    /// <exception cref="HeaderListException">The folder is in none.</exception>
    public static string Find(string folder)
    {
        for (DirectoryInfo? at = new(folder); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, HeaderList)))
            {
                return at.FullName;
            }
        }

        throw new HeaderListException($"'{folder}' is not in the repository: there is no {HeaderList} above it.");
    }
}
