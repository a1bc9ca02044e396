/**
 * What is used here of class-validator. Its index loads a hundred rules more and the packages behind them, the telephone
 * numbers of all countries among them: 300 files, a tenth of the start. A DTO may be written with the index as well;
 * both keep what they are told in the same place.
 */
export { IsIn } from 'class-validator/cjs/decorator/common/IsIn.js';
export { IsOptional } from 'class-validator/cjs/decorator/common/IsOptional.js';
export { ValidateIf } from 'class-validator/cjs/decorator/common/ValidateIf.js';
export { getMetadataStorage } from 'class-validator/cjs/metadata/MetadataStorage.js';
export { registerDecorator } from 'class-validator/cjs/register-decorator.js';
export { Validator } from 'class-validator/cjs/validation/Validator.js';
export type { ValidationError } from 'class-validator';
