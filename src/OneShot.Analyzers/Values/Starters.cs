using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace OneShot.Analyzers.Values;

/// <summary>The calls that start work which does not run as a part of the code that starts it.</summary>
internal static class Starters
{
    /// <summary>Work that can be waited for: a task, a thread.</summary>
    public static bool StartsTask(IOperation operation) => operation switch
    {
        IInvocationOperation { TargetMethod: { } method } => IsTaskMethod(method, "Run", "ContinueWith") || method is { Name: "StartNew", ContainingType.Name: "TaskFactory" },
        IObjectCreationOperation { Type: { Name: "Task" or "Thread" } type } => IsThreading(type),
        _ => false,
    };

    /// <summary>Work that runs whenever something happens, and for which nobody waits.</summary>
    public static bool StartsCallback(IOperation operation) => operation switch
    {
        IInvocationOperation { TargetMethod: { } method } => method.ContainingType?.Name switch
        {
            "ThreadPool" => method.Name is "QueueUserWorkItem" or "UnsafeQueueUserWorkItem" or "RegisterWaitForSingleObject" or "UnsafeRegisterWaitForSingleObject",
            "CancellationToken" => method.Name is "Register" or "UnsafeRegister",
            "SynchronizationContext" => method.Name == "Post",
            "TimeProvider" => method.Name == "CreateTimer",
            "HttpResponse" => method.Name == "OnCompleted",
            "Thread" => method.Name is "Start" or "UnsafeStart",
            _ => false,
        },
        IObjectCreationOperation { Type: { Name: "Timer" } type } => IsThreading(type),
        _ => false,
    };

    /// <summary>Calls that run a delegate on several threads at once.</summary>
    public static bool RunsInParallel(IMethodSymbol method) =>
        method.ContainingType is { Name: "Parallel", ContainingNamespace.Name: "Tasks" } or { Name: "ParallelEnumerable", ContainingNamespace.Name: "Linq" };

    public static bool IsTaskMethod(IMethodSymbol method, params string[] names) =>
        method.ContainingType is { Name: "Task", ContainingNamespace.Name: "Tasks" } && names.Contains(method.Name);

    private static bool IsThreading(ITypeSymbol type) => type.ContainingNamespace?.ToDisplayString() is "System.Threading" or "System.Threading.Tasks";
}
