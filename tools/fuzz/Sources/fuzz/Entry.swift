import Foundation

/// One of the parsers, with bytes that nobody wrote.
enum Target: String, CaseIterable {
  /// Files of records: csv, tsv, jsonl, libsvm, libffm, down to typed rows.
  case records
  /// Numbers and times.
  case values
  /// Schemas in YAML.
  case schema
  case safetensors
  /// npy, npz, word2vec, GloVe, vectors in csv and tsv.
  case vectors
  /// What a store and a delta hold: changes, metas, dictionaries, columns, patches, events.
  case blocks
  /// Frozen packs, by their C header.
  case packs

  func run(_ bytes: UnsafeRawBufferPointer) {
    switch self {
    case .records: Records.run(bytes)
    case .values: Values.run(bytes)
    case .schema: Schemas.run(bytes)
    case .safetensors: Safetensors.run(bytes)
    case .vectors: Vectors.run(bytes)
    case .blocks: Blocks.run(bytes)
    case .packs: Packs.run(bytes)
    }
  }

  /// Which one is said by LOAM_FUZZ: libFuzzer takes all arguments for itself.
  static let chosen: Target = {
    let name = ProcessInfo.processInfo.environment["LOAM_FUZZ"] ?? ""
    guard let target = Target(rawValue: name) else {
      fatalError("LOAM_FUZZ=\(Target.allCases.map(\.rawValue).joined(separator: "|"))")
    }
    return target
  }()
}

private typealias Arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

/// libFuzzer's own.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<Arguments>,
  _ one: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  Target.chosen.run(UnsafeRawBufferPointer(start: data, count: size))
  return 0
}

/// The package manager makes `main` of a program's entry point, and calls that of `fuzz` so.
@_cdecl("fuzz_main")
public func fuzzMain(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
  var (count, arguments) = (count, arguments)
  return runDriver(&count, &arguments) { data, size in fuzzOne(data, size) }
}
