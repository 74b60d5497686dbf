return Kiln.Driver.Roles.Run(args);
