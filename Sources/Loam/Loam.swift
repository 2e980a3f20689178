/// Everything a Swift program needs to ingest, train, look up and export: the libraries of Loam under one name.
@_exported import LoamExport
@_exported import LoamImport
@_exported import LoamIngest
@_exported import LoamModels
@_exported import LoamPack
@_exported import LoamQuery
@_exported import LoamSQL
@_exported import LoamSchema
@_exported import LoamStore
@_exported import LoamTraining
@_exported import SQLite
