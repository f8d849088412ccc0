namespace KnownHeaderGenerator;

/// <summary>Writes KnownHeaders.Generated.cs from known-headers.txt: <c>dotnet run --project tools/KnownHeaderGenerator</c>.</summary>
internal static class Program
{
    public static int Main()
    {
        try
        {
            string root = Repository.Find(Environment.CurrentDirectory);
            IReadOnlyList<string> names = HeaderList.Read(File.ReadAllText(Path.Combine(root, Repository.HeaderList)));
            File.WriteAllText(Path.Combine(root, Repository.GeneratedFile), GeneratedFile.Write(names));
            Console.WriteLine($"{Repository.GeneratedFile}: {names.Count} names");
            return 0;
        }
        catch (HeaderListException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return 1;
        }
    }
}
