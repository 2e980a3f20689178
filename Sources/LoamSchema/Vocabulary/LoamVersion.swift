/// Which Loam this is: of the command line, and of what it trains and exports.
package enum LoamVersion {
  package static let text = "0.1.0"
}
