import Foundation

/// What the command line asks for.
struct Options {
  var names: Set<String> = []
  var json = false
  var rows = 10_000_000
  /// Of each figure; medians are printed.
  var rounds = 5
  /// Tables are built here once and used again.
  var scratch = NSTemporaryDirectory() + "loam-benchmarks"
  /// What this process does for a benchmark of several.
  var role: String?
  /// Where plots are drawn; nil: none are.
  var plots: String?
  /// Peers to run; nil: all that are installed.
  var peers: Set<String>?

  private static let usage = """
    usage: tools/bench [NAME...] [--json] [--rows N] [--rounds N] [--scratch DIRECTORY] [--peers NAME,...|none]
           [--plots DIRECTORY]
    """

  init(_ arguments: [String], known: [String]) {
    var rest = arguments[...]
    func value(_ option: String) -> String {
      guard let value = rest.popFirst() else { Self.refuse("\(option) wants a value") }
      return value
    }
    func number(_ option: String) -> Int {
      guard let number = Int(value(option)), number > 0 else { Self.refuse("\(option) wants a number above 0") }
      return number
    }
    while let argument = rest.popFirst() {
      switch argument {
      case "--json": json = true
      case "--rows": rows = number(argument)
      case "--rounds": rounds = number(argument)
      case "--scratch": scratch = value(argument)
      case "--role": role = value(argument)
      case "--plots": plots = value(argument)
      case "--peers":
        let list = value(argument)
        peers = list == "none" ? [] : Set(list.split(separator: ",").map(String.init))
      case "--help", "-h":
        print(Self.usage, "benchmarks: \(known.joined(separator: ", "))", separator: "\n")
        exit(0)
      default:
        guard known.contains(argument) else {
          Self.refuse("no benchmark \(argument): \(known.joined(separator: ", "))")
        }
        names.insert(argument)
      }
    }
  }

  func wants(_ peer: String) -> Bool { peers?.contains(peer) ?? true }

  private static func refuse(_ message: String) -> Never {
    FileHandle.standardError.write(Data("bench: \(message)\n\(usage)\n".utf8))
    exit(2)
  }
}
