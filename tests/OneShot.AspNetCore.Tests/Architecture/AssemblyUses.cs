using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace OneShot.AspNetCore.Tests.Architecture;

/// <summary>
/// Which top-level type of an assembly uses which other types: in its bases, fields and signatures, and in the locals,
/// catch clauses and instructions of its method bodies, where a wall is most easily walked through.
/// </summary>
internal sealed class AssemblyUses
{
    private readonly PEReader _image;
    private readonly MetadataReader _metadata;
    private readonly HashSet<(TypeName User, TypeName Used)> _uses = [];

    private AssemblyUses(PEReader image)
    {
        _image = image;
        _metadata = image.GetMetadataReader();
    }

    public static IReadOnlySet<(TypeName User, TypeName Used)> Read(string path)
    {
        using PEReader image = new(File.OpenRead(path));
        AssemblyUses reader = new(image);
        foreach (TypeDefinitionHandle type in reader._metadata.TypeDefinitions)
        {
            reader.ReadType(type);
        }

        return reader._uses;
    }

    public static IReadOnlyList<string> References(string path)
    {
        using PEReader image = new(File.OpenRead(path));
        MetadataReader metadata = image.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }

    private void ReadType(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _metadata.GetTypeDefinition(handle);
        UsedTypes used = new(_metadata);

        used.Add(type.BaseType);
        foreach (InterfaceImplementationHandle implementation in type.GetInterfaceImplementations())
        {
            used.Add(_metadata.GetInterfaceImplementation(implementation).Interface);
        }

        foreach (GenericParameterHandle parameter in type.GetGenericParameters())
        {
            ReadConstraints(parameter, used);
        }

        foreach (FieldDefinitionHandle field in type.GetFields())
        {
            used.Add(field);
        }

        foreach (MethodDefinitionHandle method in type.GetMethods())
        {
            ReadMethod(method, used);
        }

        TypeName user = UsedTypes.NameOf(_metadata, handle);
        _uses.UnionWith(used.Names.Select(name => (user, name)));
    }

    private void ReadMethod(MethodDefinitionHandle handle, UsedTypes used)
    {
        MethodDefinition method = _metadata.GetMethodDefinition(handle);
        used.Add(handle);
        foreach (GenericParameterHandle parameter in method.GetGenericParameters())
        {
            ReadConstraints(parameter, used);
        }

        if (method.RelativeVirtualAddress == 0)
        {
            return;
        }

        MethodBodyBlock body = _image.GetMethodBody(method.RelativeVirtualAddress);
        used.Add(body.LocalSignature);
        foreach (ExceptionRegion region in body.ExceptionRegions)
        {
            used.Add(region.CatchType);
        }

        foreach (int token in InstructionTokens.In(body.GetILBytes()!))
        {
            used.Add(MetadataTokens.EntityHandle(token));
        }
    }

    private void ReadConstraints(GenericParameterHandle handle, UsedTypes used)
    {
        foreach (GenericParameterConstraintHandle constraint in _metadata.GetGenericParameter(handle).GetConstraints())
        {
            used.Add(_metadata.GetGenericParameterConstraint(constraint).Type);
        }
    }
}
