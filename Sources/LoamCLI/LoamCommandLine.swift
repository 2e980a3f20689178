import ArgumentParser
import Foundation
import LoamSchema

/// The `loam` command: reads the arguments, runs one command, turns what it throws into a message and an exit code.
@main
struct LoamCommandLine: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "loam",
    abstract: "A model and feature store in one directory: features, embeddings, training, versions.",
    discussion: """
      Exit codes: 0 done, 1 the work failed, 2 usage or refused input, 3 damaged (restore), 4 busy (retry), \
      5 no space.
      """,
    version: LoamVersion.text,
    groupedSubcommands: [
      CommandGroup(name: "Fill a store", subcommands: [Init.self, SchemaCommand.self, Ingest.self, Import.self]),
      CommandGroup(name: "Train on it", subcommands: [Train.self, Evaluate.self, Predict.self]),
      CommandGroup(
        name: "Read it",
        subcommands: [
          Lookup.self, Similar.self, Counts.self, TimelineCommand.self, Log.self, Features.self, SQLCommand.self,
        ]),
      CommandGroup(name: "Versions", subcommands: [Versions.self, Freeze.self, Export.self, Apply.self]),
      CommandGroup(
        name: "Look after it",
        subcommands: [
          Stat.self, Verify.self, DoctorCommand.self, Backup.self, Restore.self, Compact.self, ReshardCommand.self,
          Warm.self, Evict.self, Forget.self, Trim.self,
        ]),
      CommandGroup(name: "Data to try it with", subcommands: [Generate.self]),
    ])

  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      if let failure = unknownCommand(arguments) { end(failure, arguments) }
      var command = try parseAsRoot(arguments)
      try command.run()
    } catch {
      let code = exitCode(for: error)
      // Help and --version arrive as errors that mean success; ArgumentParser prints them.
      // A command that has said what it found ends with a bare code.
      if code == .success || error is ExitCode { exit(withError: error) }
      let isUsage = code == .validationFailure || error is ValidationError
      end(isUsage ? usage(error) : Failure(error), arguments)
    }
  }

  private static func end(_ failure: Failure, _ arguments: [String]) -> Never {
    Console(json: arguments.contains("--json")).show(failure)
    exit(withError: ExitCode(failure.exitCode))
  }

  private static func usage(_ error: any Error) -> Failure {
    // The full text is the message, then lines with the usage and where to find help.
    let lines = fullMessage(for: error).split(separator: "\n", maxSplits: 1).map(String.init)
    let message = lines.first.map { $0.hasPrefix("Error: ") ? String($0.dropFirst(7)) : $0 } ?? "cannot be understood"
    return Failure(usage: message, hint: lines.count > 1 ? lines[1] : nil)
  }

  /// The parser suggests options but not commands.
  private static func unknownCommand(_ arguments: [String]) -> Failure? {
    var (command, path) = (LoamCommandLine.self as any ParsableCommand.Type, "loam")
    for argument in arguments {
      let known =
        command.configuration.groupedSubcommands.flatMap(\.subcommands)
        + command.configuration.ungroupedSubcommands
      guard !known.isEmpty, !argument.hasPrefix("-") else { return nil }
      if let next = known.first(where: { $0._commandName == argument }) {
        (command, path) = (next, "\(path) \(argument)")
        continue
      }
      if argument == "help" { return nil }
      let near = nearestName(to: argument, among: known.map { $0._commandName })
      // A default command takes the word as its own argument: a path that is there.
      if command.configuration.defaultSubcommand != nil, near == nil || access(argument, F_OK) == 0 { return nil }
      return Failure(
        usage: "there is no command '\(path) \(argument)'",
        hint: near.map { "Did you mean '\(path) \($0)'?" } ?? "See '\(path) --help' for the list of commands.")
    }
    return nil
  }
}
