/** Gives a function that stands in another one's place its name and metadata: decorators and frameworks go by them. */
export function inPlaceOf<T extends object>(original: object & { readonly name: string }, wrapper: T): T {
  for (const key of Reflect.getMetadataKeys(original) as unknown[]) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, original), wrapper);
  }
  return Object.defineProperty(wrapper, 'name', { value: original.name, configurable: true });
}
