import { IsOptional } from 'class-validator';
import { IsText } from '../problems/index.js';
import { IfGiven, priceFault, Rule, stockFault } from './rules.js';

export const NAME = { min: 1, max: 255, visible: true };
export const DESCRIPTION = { max: 10_000 };
export const CATEGORY = { min: 1, max: 100, visible: true };

/** Body of `POST /products`. Texts are stored exactly as given, white space included. */
export class CreateProduct {
  @IsText(NAME)
  name: string;

  /** Default: null. */
  @IsOptional()
  @IsText(DESCRIPTION)
  description?: string | null;

  @Rule('price', priceFault)
  price: number;

  @IsText(CATEGORY)
  category: string;

  /** Default: 0. */
  @IfGiven()
  @Rule('stock', stockFault)
  stock?: number;
}

/** Body of `PUT /products/{id}`: fields left out stay as they are; `description` may be set to null. */
export class UpdateProduct {
  @IfGiven()
  @IsText(NAME)
  name?: string;

  @IsOptional()
  @IsText(DESCRIPTION)
  description?: string | null;

  @IfGiven()
  @Rule('price', priceFault)
  price?: number;

  @IfGiven()
  @IsText(CATEGORY)
  category?: string;

  @IfGiven()
  @Rule('stock', stockFault)
  stock?: number;
}
