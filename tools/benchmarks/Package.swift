// swift-tools-version: 6.2
import PackageDescription

// A package of its own: users of Loam do not build its benchmarks.
let package = Package(
  name: "benchmarks",
  dependencies: [.package(name: "loam", path: "../..")],
  targets: [
    .executableTarget(
      name: "bench",
      dependencies: [
        .product(name: "Loam", package: "loam"), .product(name: "LoamStore", package: "loam"),
        .product(name: "LoamKernels", package: "loam"), .product(name: "OneDNN", package: "loam"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
