/** Why a data folder is not used; nothing in it was changed. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
}
