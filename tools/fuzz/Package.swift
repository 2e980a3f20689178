// swift-tools-version: 6.2
import PackageDescription

// The parsers as a package of their own: the fuzzer instruments whatever it is built with, and needs a fraction of Loam.
// `Loam` is a link to ../../Sources. tools/fuzz/run builds and runs it.
let package = Package(
  name: "fuzz",
  dependencies: [.package(url: "https://github.com/jpsim/Yams", from: "6.0.0")],
  targets: [
    .systemLibrary(name: "CLMDB", path: "Loam/CLMDB"),
    .systemLibrary(name: "CZstd", path: "Loam/CZstd"),
    .systemLibrary(name: "CXXHash", path: "Loam/CXXHash"),
    .systemLibrary(name: "CZlib", path: "Loam/CZlib"),
    // Stands in for swift-crypto: no parser asks what a digest is, and BoringSSL would be most of the build.
    .target(name: "Crypto"),
    .target(
      name: "LoamKernels", dependencies: ["CXXHash"], path: "Loam/LoamKernels",
      linkerSettings: [.linkedLibrary("xxhash")]),
    .target(name: "LMDB", dependencies: ["CLMDB"], path: "Loam/LMDB"),
    .target(name: "Zstd", dependencies: ["CZstd"], path: "Loam/Zstd"),
    .target(name: "LoamSchema", dependencies: ["Yams"], path: "Loam/LoamSchema"),
    .target(
      name: "LoamStore", dependencies: ["LMDB", "Zstd", "LoamKernels", "LoamSchema", "Crypto"], path: "Loam/LoamStore"),
    .target(
      name: "LoamIngest", dependencies: ["LoamStore", "LoamSchema", "LoamKernels", "Zstd", "CZlib"],
      path: "Loam/LoamIngest"),
    .target(
      name: "LoamExport", dependencies: ["LoamSchema", "Crypto"], path: "Loam/LoamExport",
      sources: ["ExportError.swift", "Files", "Safetensors"]),
    .target(
      name: "LoamImport", dependencies: ["LoamExport", "LoamIngest", "CZlib"], path: "Loam/LoamImport",
      sources: ["ImportError.swift", "ImportLimits.swift", "Bytes", "Vectors", "Formats", "IDs"]),
    .target(
      name: "PackReading", dependencies: ["LoamKernels"],
      cSettings: [.unsafeFlags(["-fsanitize=address,fuzzer-no-link"])]),
    .executableTarget(
      name: "fuzz", dependencies: ["LoamImport", "LoamIngest", "LoamSchema", "LoamStore", "PackReading"]),
  ],
  swiftLanguageModes: [.v6]
)
